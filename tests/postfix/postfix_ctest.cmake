# Gatepost behind a real Postfix (packages postfix, opendkim; root). Alone on the machine while it
# runs, for it measures nothing but waits for much.
add_test(NAME postfix_suite COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/postfix/suite.py
  ${CMAKE_BINARY_DIR})
set_tests_properties(postfix_suite PROPERTIES TIMEOUT 900 RUN_SERIAL ON
  ENVIRONMENT "PYTHONDONTWRITEBYTECODE=1")
