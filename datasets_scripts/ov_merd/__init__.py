"""OV-MERD and OV-MERD+: open-vocabulary emotions of film clips."""
