"""Room mail: what receivers look at before they take a mail, as the doctor sees it."""
