# Who is told of held mail, digests, the recipients' page: a real gatepostd, a real page, mail that arrives.
add_test(NAME notices COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/notice/notices.py
  ${CMAKE_BINARY_DIR})
set_tests_properties(notices PROPERTIES TIMEOUT 600 ENVIRONMENT "PYTHONDONTWRITEBYTECODE=1")
# The same page in Debian's Chromium; screenshots in the build folder, mailbox-screens/.
add_test(NAME mailbox_browser COMMAND /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/notice/browser.py
  ${CMAKE_BINARY_DIR})
set_tests_properties(mailbox_browser PROPERTIES TIMEOUT 300 RESOURCE_LOCK patience
  ENVIRONMENT "PYTHONDONTWRITEBYTECODE=1")
