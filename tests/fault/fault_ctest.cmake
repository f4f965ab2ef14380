# The fault library: preloaded into the zygote of unit_inspect alone, it makes a worker misbehave when
# a message asks for it. Nothing that is shipped knows of it.
if(TARGET unit_inspect)
  add_library(gatepost_fault MODULE fault/fault.cc)
  target_link_libraries(gatepost_fault PRIVATE ${CMAKE_DL_LIBS})
  add_dependencies(unit_inspect gatepost_fault)
  target_compile_definitions(unit_inspect PRIVATE
    GATEPOST_FAULT_LIBRARY="$<TARGET_FILE:gatepost_fault>")
endif()
