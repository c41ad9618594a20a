"""A content in the forms that people read: page, PDF, XLSX, CSV. One file each."""
