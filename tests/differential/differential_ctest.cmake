# Our parser beside Python's email package and GMime, over real and hostile mail.
add_executable(mail_dump ${CMAKE_SOURCE_DIR}/tests/differential/mail_dump.cc)
target_link_libraries(mail_dump gp_mail)
gatepost_headers(mail_dump)
# Debian's own Python: the only one that sees Debian's gir1.2-gmime-3.0.
add_test(NAME differential_mail
  COMMAND /usr/bin/python3 ${CMAKE_SOURCE_DIR}/tests/differential/compare.py $<TARGET_FILE:mail_dump>)
set_tests_properties(differential_mail PROPERTIES TIMEOUT 600 SKIP_RETURN_CODE 77)
