"""What is on a disk, read: trees and tars, tables of many kinds, media of each clip."""
