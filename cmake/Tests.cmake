# Each folder of tests/ is one executable, test_<folder>, and one CTest entry with the folder's name as its label.
# A folder without any *_test.cc holds helpers: these are linked into all tests that use them.
# Tests are told by the environment where the programs are (TALLY_BIN_DIR) and where the sources (TALLY_SOURCE_DIR).

add_library(tally_test_main OBJECT tests/main.cc)
target_link_libraries(tally_test_main PUBLIC third_party::catch2)

get_property(tally_libraries GLOBAL PROPERTY TALLY_LIBRARIES)
get_property(tally_programs GLOBAL PROPERTY TALLY_PROGRAMS)

file(GLOB_RECURSE all_sources CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}/tests tests/*.cc)
list(FILTER all_sources INCLUDE REGEX /)         # Not main.cc, which stands above the folders.

# A fuzz target is a function of a name that libFuzzer gives; here each has its own, so that one program holds them all.
set(fuzz_targets ${all_sources})
list(FILTER fuzz_targets INCLUDE REGEX "^fuzz/targets/")
foreach(target IN LISTS fuzz_targets)
  cmake_path(GET target STEM stem)
  set_source_files_properties(tests/${target} PROPERTIES COMPILE_DEFINITIONS LLVMFuzzerTestOneInput=fuzz_${stem})
endforeach()
set(folders ${all_sources})
list(TRANSFORM folders REPLACE "/.*" "")
list(REMOVE_DUPLICATES folders)

set(test_folders)
set(helpers)
foreach(folder IN LISTS folders)
  set(sources ${all_sources})
  list(FILTER sources INCLUDE REGEX "^${folder}/")
  list(TRANSFORM sources PREPEND tests/)
  if(sources MATCHES "_test\\.cc")
    list(APPEND test_folders ${folder})
    set(sources_of_${folder} ${sources})
  else()
    list(APPEND helpers ${sources})
  endif()
endforeach()

if(helpers)
  add_library(tally_test_helpers STATIC ${helpers})
  target_precompile_headers(tally_test_helpers REUSE_FROM tally_precompiled_tests)
  target_link_libraries(tally_test_helpers PUBLIC ${tally_libraries} third_party::catch2)
  list(PREPEND tally_libraries tally_test_helpers)
endif()

foreach(folder IN LISTS test_folders)
  string(REPLACE "-" "_" name test_${folder})
  add_executable(${name} ${sources_of_${folder}})
  target_precompile_headers(${name} REUSE_FROM tally_precompiled_tests)
  target_link_libraries(${name} PRIVATE tally_test_main ${tally_libraries} Threads::Threads)
  # NoTests: an executable that found nothing to run has not passed.
  add_test(NAME ${name} COMMAND ${name} --warn NoTests)
  set_tests_properties(${name} PROPERTIES LABELS ${folder} TIMEOUT 900 ENVIRONMENT
    "TALLY_BIN_DIR=${CMAKE_RUNTIME_OUTPUT_DIRECTORY};TALLY_SOURCE_DIR=${CMAKE_SOURCE_DIR};UBSAN_OPTIONS=print_stacktrace=1;TSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tests/tsan.supp:ignore_noninstrumented_modules=1")
  # These start the programs, so building one of them alone builds the programs too.
  if(folder MATCHES "^(e2e|gateway|interop)$" AND tally_programs)
    add_dependencies(${name} ${tally_programs})
  elseif(folder STREQUAL faults)
    add_dependencies(${name} tally-broker)
  endif()
endforeach()

# The pages in a real Chromium, against the programs of this build. 77: there is no Chromium, or there are no pages.
find_program(TALLY_NODE node)
if(TALLY_NODE)
  add_test(NAME test_browser COMMAND ${TALLY_NODE} ${CMAKE_SOURCE_DIR}/tests/browser/run.mjs)
  set_tests_properties(test_browser PROPERTIES LABELS browser TIMEOUT 900 SKIP_RETURN_CODE 77 ENVIRONMENT
    "TALLY_BIN_DIR=${CMAKE_RUNTIME_OUTPUT_DIRECTORY};TALLY_SOURCE_DIR=${CMAKE_SOURCE_DIR}")
endif()
