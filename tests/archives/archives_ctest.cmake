# Archives made to mislead, and honest ones (make.py), against what is expected of them (check.py);
# and our member lists beside those of other unpackers (tests/differential/archives.py).
add_executable(leaf_dump ${CMAKE_SOURCE_DIR}/tests/differential/leaf_dump.cc)
target_link_libraries(leaf_dump gp_decode)
gatepost_headers(leaf_dump)
add_test(NAME archives
  COMMAND /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/archives/check.py $<TARGET_FILE:leaf_dump>)
add_test(NAME archive_bombs
  COMMAND /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/archives/bombs.py $<TARGET_FILE:leaf_dump>)
add_test(NAME differential_archives
  COMMAND /usr/bin/python3 ${CMAKE_SOURCE_DIR}/tests/differential/archives.py
          $<TARGET_FILE:leaf_dump>)
set_tests_properties(archives archive_bombs differential_archives PROPERTIES TIMEOUT 600)
