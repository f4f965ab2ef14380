add_test(NAME layers COMMAND python3 ${CMAKE_SOURCE_DIR}/tests/lint/layers.py ${CMAKE_SOURCE_DIR})
