# Pages with a stamp and QR codes, drawn when the test runs (make.py), as mail through `gatepost scan`
# with `pictures: on` and without. unit_inspect starts picture workers too.
add_dependencies(unit_inspect gatepost-pictures)
add_test(NAME pictures
  COMMAND /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/picture/check.py $<TARGET_FILE:gatepost>)
set_tests_properties(pictures PROPERTIES TIMEOUT 300 RESOURCE_LOCK patience)
