# Kills the recording of a message at every write, fsync, rename, unlink and truncate.
add_library(gatepost_record_kill MODULE fault/record_kill.cc)
target_link_libraries(gatepost_record_kill PRIVATE ${CMAKE_DL_LIBS})
# The library is preloaded, so a sanitizer's runtime would come after it.
target_compile_options(gatepost_record_kill PRIVATE -fno-sanitize=all)
target_link_options(gatepost_record_kill PRIVATE -fno-sanitize=all)
add_executable(record_kill fault/record_kill_main.cc)
target_link_libraries(record_kill gp_record)
gatepost_headers(record_kill)
add_dependencies(record_kill gatepost_record_kill)
add_test(NAME fault_record_kill COMMAND record_kill $<TARGET_FILE:gatepost_record_kill>)
add_test(NAME fault_record_kill_sealed COMMAND record_kill sealed $<TARGET_FILE:gatepost_record_kill>)
# It is processes that die here, not machines: a folder in memory shows the same, and a disk takes a minute longer.
set(kill_environment "ASAN_OPTIONS=verify_asan_link_order=0")
if(IS_DIRECTORY /dev/shm)
  list(APPEND kill_environment "TMPDIR=/dev/shm")
endif()
set_tests_properties(fault_record_kill fault_record_kill_sealed PROPERTIES TIMEOUT 600
  ENVIRONMENT "${kill_environment}")
# The same of a release, at every send too, with a listener that keeps count.
add_executable(release_kill fault/release_kill_main.cc)
target_link_libraries(release_kill gp_record)
gatepost_headers(release_kill)
add_dependencies(release_kill gatepost_record_kill)
add_test(NAME fault_release_kill COMMAND release_kill $<TARGET_FILE:gatepost_record_kill>)
set_tests_properties(fault_release_kill PROPERTIES TIMEOUT 600
  ENVIRONMENT "${kill_environment}")
