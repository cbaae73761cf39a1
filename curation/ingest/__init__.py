"""From DICOM to BIDS: read, recognise, plan, convert, enter."""
