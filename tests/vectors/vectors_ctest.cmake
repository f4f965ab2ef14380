# The vectors as mails through `gatepost scan` with the shipped rules, each decided as its expect.yaml says; and
# what `gatepost defects` says of a folder.
if(TARGET gatepost)
  add_test(NAME vectors
           COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/vectors/run.py $<TARGET_FILE:gatepost>)
  set_tests_properties(vectors PROPERTIES TIMEOUT 900)
  add_test(NAME vectors_command
           COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/vectors/command_check.py $<TARGET_FILE:gatepost>)
  set_tests_properties(vectors_command PROPERTIES TIMEOUT 300)
endif()
