"""Any folder of media and a table, without a line of Python."""
