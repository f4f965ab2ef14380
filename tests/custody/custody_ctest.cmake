# Sealed mail, keys, two persons, retention, attacks on the logs: the command line beside a real daemon.
add_test(NAME custody COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/custody/custody.py
  ${CMAKE_BINARY_DIR})
set_tests_properties(custody PROPERTIES TIMEOUT 600 ENVIRONMENT "PYTHONDONTWRITEBYTECODE=1")
