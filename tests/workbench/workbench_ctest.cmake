# What a rule author works with: the guide, the schemas, the commands about rules.
if(TARGET gatepost)
  foreach(name guide schema commands)
    add_test(NAME workbench_${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
             COMMAND python3 tests/workbench/${name}.py $<TARGET_FILE:gatepost> .)
    set_tests_properties(workbench_${name} PROPERTIES TIMEOUT 600)
  endforeach()
endif()
