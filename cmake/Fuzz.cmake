# tests/fuzz/targets/requests.cc is the libFuzzer program fuzz_requests. Built by the preset fuzz, see scripts/fuzz. The same
# targets are played without libFuzzer, over their corpora, by the test tests/fuzz/replay_test.cc.
if(NOT CMAKE_CXX_COMPILER_ID MATCHES Clang)
  message(FATAL_ERROR "TALLY_FUZZ needs clang: cmake --preset fuzz")
endif()
file(GLOB targets CONFIGURE_DEPENDS tests/fuzz/targets/*.cc)
foreach(target IN LISTS targets)
  cmake_path(GET target STEM stem)
  add_executable(fuzz_${stem} ${target})
  target_link_libraries(fuzz_${stem} PRIVATE tally_event_loop tally_cli Threads::Threads)
  target_link_options(fuzz_${stem} PRIVATE -fsanitize=fuzzer)
endforeach()
