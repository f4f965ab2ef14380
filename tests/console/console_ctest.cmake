# The console as people use it, in Debian's Chromium (packages chromium, chromium-driver,
# python3-selenium). Screenshots are kept in the build folder, console-screens/.
add_test(NAME console_browser COMMAND /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/console/browser.py
  ${CMAKE_BINARY_DIR})
set_tests_properties(console_browser PROPERTIES TIMEOUT 600 RESOURCE_LOCK patience COST 150
  ENVIRONMENT "PYTHONDONTWRITEBYTECODE=1")
