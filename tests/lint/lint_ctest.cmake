add_test(NAME layers COMMAND python3 ${CMAKE_SOURCE_DIR}/tests/lint/layers.py ${CMAKE_SOURCE_DIR})
add_test(NAME facts COMMAND python3 ${CMAKE_SOURCE_DIR}/tests/lint/facts.py ${CMAKE_SOURCE_DIR})
add_test(NAME journal_ids COMMAND python3 ${CMAKE_SOURCE_DIR}/tests/lint/journal.py ${CMAKE_SOURCE_DIR})
add_test(NAME traps COMMAND python3 ${CMAKE_SOURCE_DIR}/tests/lint/traps.py ${CMAKE_SOURCE_DIR})
