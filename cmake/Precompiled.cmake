# Two precompiled headers, shared by all targets: what nearly every file includes, and the same with Catch2 for tests.
# They are a matter of speed only: each file includes what it uses, and the lint preset compiles without them.

set(tally_precompiled_std
    <algorithm> <array> <charconv> <compare> <cstdint> <cstring> <functional> <map> <memory> <optional> <set> <span>
    <string> <string_view> <tuple> <type_traits> <utility> <variant> <vector>)

# A target that only holds a precompiled header; others say: target_precompile_headers(x REUSE_FROM name).
function(tally_precompiled name)
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/precompiled/${name}.cc CONTENT "")
  add_library(${name} OBJECT ${CMAKE_BINARY_DIR}/precompiled/${name}.cc)
  target_precompile_headers(${name} PRIVATE ${ARGN})
endfunction()

tally_precompiled(tally_precompiled ${tally_precompiled_std})
if(TALLY_TESTS)
  tally_precompiled(tally_precompiled_tests ${tally_precompiled_std} <chrono> <filesystem> <sstream>
                    <catch2/catch.hpp>)
endif()
