# Imported rules beside the program that they were written for: SpamAssassin's own test lines, and hit for
# hit over the case mails, and some of the corpus where it is.
add_executable(assassin_hits ${CMAKE_CURRENT_LIST_DIR}/assassin_hits.cc)
target_link_libraries(assassin_hits gp_import)
gatepost_headers(assassin_hits)
if(TARGET gatepost)
  add_test(NAME import_parity
           COMMAND python3 ${CMAKE_CURRENT_LIST_DIR}/parity.py --gatepost $<TARGET_FILE:gatepost>
                   --hits $<TARGET_FILE:assassin_hits> --sample 100
                   ${CMAKE_SOURCE_DIR}/tests/cases ${CMAKE_SOURCE_DIR}/../shared/corpora/mail)
  set_tests_properties(import_parity PROPERTIES TIMEOUT 900)
endif()
