# gatepostd asked over the milter protocol by a client of our own.
add_test(NAME milter_protocol COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/milter/protocol.py
  ${CMAKE_BINARY_DIR})
set_tests_properties(milter_protocol PROPERTIES TIMEOUT 600 ENVIRONMENT "PYTHONDONTWRITEBYTECODE=1")
