# gatepostd asked over the milter protocol by a client of our own.
add_test(NAME milter_protocol COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/milter/protocol.py
  ${CMAKE_BINARY_DIR})
set_tests_properties(milter_protocol PROPERTIES TIMEOUT 600 ENVIRONMENT "PYTHONDONTWRITEBYTECODE=1")
# What systemd hears of it: ready, reloading, stopping, and a watchdog that tells the truth. Alone,
# because it measures pauses.
add_test(NAME milter_life COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/milter/life.py
  ${CMAKE_BINARY_DIR})
set_tests_properties(milter_life PROPERTIES TIMEOUT 600 RUN_SERIAL ON
  ENVIRONMENT "PYTHONDONTWRITEBYTECODE=1")
# What decides changes while mail flows: a hundred reloads, rollback, a package's new rules, lists.
add_test(NAME milter_reload COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/milter/reload.py
  ${CMAKE_BINARY_DIR})
set_tests_properties(milter_reload PROPERTIES TIMEOUT 600 ENVIRONMENT "PYTHONDONTWRITEBYTECODE=1")
# Shadow, exceptions, kept mail and replay.
add_test(NAME milter_workbench COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/milter/workbench.py
  ${CMAKE_BINARY_DIR})
set_tests_properties(milter_workbench PROPERTIES TIMEOUT 900 ENVIRONMENT "PYTHONDONTWRITEBYTECODE=1")
