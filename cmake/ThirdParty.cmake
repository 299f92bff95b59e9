# The libraries of others, as third_party::<name>: one place that knows how each is found. All come from Debian, see
# scripts/packages.txt. Their headers are system headers: our warnings do not look into them.

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)

# third_party::<name> by the library's own pkg-config file.
function(third_party_by_pkg_config name module)
  pkg_check_modules(${name} QUIET IMPORTED_TARGET ${module})
  if(NOT ${name}_FOUND)
    message(FATAL_ERROR "${module} is missing: scripts/setup installs it")
  endif()
  add_library(third_party::${name} ALIAS PkgConfig::${name})
endfunction()

# third_party::<name> by a header and, unless the library is all headers, a library; for those without a pkg-config
# file, or with one that changes feature macros for the whole compilation (readline).
function(third_party_by_header name header)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "LIBRARY" "DEFINE")
  find_path(third_party_${name}_include ${header})
  mark_as_advanced(third_party_${name}_include)
  if(NOT third_party_${name}_include)
    message(FATAL_ERROR "<${header}> is missing: scripts/setup installs it")
  endif()
  add_library(third_party::${name} INTERFACE IMPORTED GLOBAL)
  target_include_directories(third_party::${name} INTERFACE ${third_party_${name}_include})
  target_compile_definitions(third_party::${name} INTERFACE ${arg_DEFINE})
  if(arg_LIBRARY)
    find_library(third_party_${name}_library ${arg_LIBRARY} REQUIRED)
    mark_as_advanced(third_party_${name}_library)
    target_link_libraries(third_party::${name} INTERFACE ${third_party_${name}_library})
  endif()
endfunction()

third_party_by_pkg_config(crypto libcrypto)
third_party_by_pkg_config(sodium libsodium)
third_party_by_pkg_config(pqxx "libpqxx;libpq")
third_party_by_pkg_config(spdlog spdlog)
third_party_by_pkg_config(toml tomlplusplus)
third_party_by_pkg_config(utf8proc libutf8proc)
third_party_by_pkg_config(json nlohmann_json)
third_party_by_pkg_config(cli11 CLI11)
third_party_by_header(zmq zmq.hpp LIBRARY zmq)
third_party_by_header(msgpack msgpack.hpp DEFINE MSGPACK_NO_BOOST)
third_party_by_header(csv csv.h LIBRARY csv)
third_party_by_header(readline readline/readline.h LIBRARY readline)
if(TALLY_TESTS)
  third_party_by_pkg_config(catch2 catch2)
endif()
