# Blocks, outbreaks, outages and the monthly report beside a real daemon.
add_test(NAME incidents COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/incidents/incidents.py
  ${CMAKE_BINARY_DIR})
# Releases and deletions killed at random; random_kills.md has a thousand of them.
add_test(NAME incidents_random_kills COMMAND python3
  ${CMAKE_CURRENT_SOURCE_DIR}/incidents/random_kills.py ${CMAKE_BINARY_DIR} --kills 25)
set_tests_properties(incidents incidents_random_kills PROPERTIES TIMEOUT 600
  ENVIRONMENT "PYTHONDONTWRITEBYTECODE=1")
