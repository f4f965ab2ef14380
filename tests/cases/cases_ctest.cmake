# Whole messages through `gatepost scan` with the shipped rules and policy.
if(TARGET gatepost)
  add_test(NAME cases
           COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/cases/run.py $<TARGET_FILE:gatepost>)
  set_tests_properties(cases PROPERTIES TIMEOUT 900)
endif()
