# Imported rules beside the program that they were written for.
add_executable(assassin_hits ${CMAKE_CURRENT_LIST_DIR}/assassin_hits.cc)
target_link_libraries(assassin_hits gp_import)
gatepost_headers(assassin_hits)
add_test(NAME import_parity
  COMMAND /usr/bin/python3 ${CMAKE_CURRENT_LIST_DIR}/parity.py --gatepost $<TARGET_FILE:gatepost>
    --hits $<TARGET_FILE:assassin_hits> --sample 60
    ${CMAKE_SOURCE_DIR}/../shared/corpora/mail ${CMAKE_SOURCE_DIR}/tests/import/mail)
set_tests_properties(import_parity PROPERTIES TIMEOUT 600 SKIP_RETURN_CODE 77)
