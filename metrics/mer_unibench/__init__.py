"""The MER-UniBench table as an evaluate module."""
