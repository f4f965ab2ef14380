# Our text of documents beside that of pdftotext, antiword, catdoc and plain zip and XML.
add_test(NAME differential_documents
  COMMAND python3 ${CMAKE_SOURCE_DIR}/tests/differential/documents.py $<TARGET_FILE:gatepost>)
set_tests_properties(differential_documents PROPERTIES TIMEOUT 600 SKIP_RETURN_CODE 77)
