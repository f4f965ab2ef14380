# Gatepost behind a real Postfix (packages postfix, opendkim; root). Tests with the lock "patience" wait for
# much: never two of them at a time, but one beside others.
add_test(NAME postfix_suite COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/postfix/suite.py
  ${CMAKE_BINARY_DIR})
set_tests_properties(postfix_suite PROPERTIES TIMEOUT 900 RESOURCE_LOCK patience COST 300
  ENVIRONMENT "PYTHONDONTWRITEBYTECODE=1")
# Its tool alone, on folders of its own: needs Postfix's postconf, and neither root nor a running Postfix.
add_test(NAME postfix_tool COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/postfix/tool.py ${CMAKE_SOURCE_DIR})
set_tests_properties(postfix_tool PROPERTIES TIMEOUT 120 ENVIRONMENT "PYTHONDONTWRITEBYTECODE=1")
