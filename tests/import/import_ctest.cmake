# Imported rules beside the program that they were written for.
add_executable(assassin_hits ${CMAKE_CURRENT_LIST_DIR}/assassin_hits.cc)
target_link_libraries(assassin_hits gp_import)
gatepost_headers(assassin_hits)
# Parity is measured by hand until it reaches what is asked (99.5 %), then it becomes a test:
#   tests/import/parity.py --gatepost B/bin/gatepost --hits B/bin/assassin_hits --sample 60 MAILS
