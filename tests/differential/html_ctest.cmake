# Our reading of HTML beside gumbo's. The limits are what was measured, and little room.
find_library(GUMBO_LIBRARY gumbo REQUIRED)
add_executable(html_compare ${CMAKE_CURRENT_SOURCE_DIR}/differential/html/compare.cc)
target_link_libraries(html_compare gp_text ${GUMBO_LIBRARY})
add_test(NAME differential_html
         COMMAND html_compare --least-found 999800 --most-extra 1900
                 ${CMAKE_SOURCE_DIR}/../shared/corpora/mail
                 ${CMAKE_SOURCE_DIR}/../shared/corpora/parsers)
set_tests_properties(differential_html PROPERTIES TIMEOUT 600 SKIP_RETURN_CODE 77)
