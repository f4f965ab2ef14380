# Documents of before Unicode against their truth, and no other text taken for such.
add_executable(vietnamese_conversions ${CMAKE_CURRENT_SOURCE_DIR}/vietnamese/conversions.cc)
target_link_libraries(vietnamese_conversions gp_text)
add_test(NAME vietnamese_false_conversions
         COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/vietnamese/false_conversions.py
                 $<TARGET_FILE:vietnamese_conversions> ${CMAKE_SOURCE_DIR}/../shared/corpora/mail
                 ${CMAKE_SOURCE_DIR}/../shared/corpora/parsers)
set_tests_properties(vietnamese_false_conversions PROPERTIES TIMEOUT 600 SKIP_RETURN_CODE 77)
if(TARGET gatepost)
  add_test(NAME vietnamese_documents
           COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/vietnamese/score.py $<TARGET_FILE:gatepost>
                   ${CMAKE_SOURCE_DIR}/../shared/corpora/documents/vietnamese-legacy)
  set_tests_properties(vietnamese_documents PROPERTIES TIMEOUT 900 SKIP_RETURN_CODE 77)
  add_test(NAME vietnamese_stamps
           COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/vietnamese/stamps.py $<TARGET_FILE:gatepost>)
  set_tests_properties(vietnamese_stamps PROPERTIES TIMEOUT 900)
endif()
