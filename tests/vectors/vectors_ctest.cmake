# The command line over mails.
if(TARGET gatepost)
  add_test(NAME vectors_command
           COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/vectors/command_check.py $<TARGET_FILE:gatepost>)
  set_tests_properties(vectors_command PROPERTIES TIMEOUT 300)
endif()
