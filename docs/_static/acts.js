// A page from the file system may not read other pages, which the search's excerpts need. It still finds them.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
