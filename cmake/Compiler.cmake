# How our own code is compiled and linked: the same for every target.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
include_directories(${CMAKE_SOURCE_DIR})

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1")
# No NDEBUG: assertions stay on in release.
set(CMAKE_CXX_FLAGS_RELEASE "-O2")
add_compile_definitions(_GLIBCXX_ASSERTIONS TALLY_VERSION="${PROJECT_VERSION}")

# Switched off for noise: designated initializers leave members to their defaults on purpose.
set(CMAKE_COMPILE_WARNING_AS_ERROR ON)
add_compile_options(-Wall -Wextra -Wconversion -Wshadow -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  # GCC 12 warns of overlapping copies inside its own std::string (GCC bug 105651).
  add_compile_options(-Wno-restrict)
  # Without the address sanitizer it sees copies beyond its own std::string where there are none (GCC bugs 105329, 105651).
  if(NOT TALLY_SANITIZE MATCHES address)
    add_compile_options(-Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread)
  endif()
endif()

if(TALLY_PLANTED_BUGS)
  if(CMAKE_BUILD_TYPE STREQUAL Release)
    message(FATAL_ERROR "TALLY_PLANTED_BUGS puts bugs into every program: never in a release build")
  endif()
  add_compile_definitions(TALLY_PLANTED_BUGS)
endif()

# Paths in binaries are those in the repository, wherever the checkout lies.
# (The second form is what ccache makes of the first.)
file(RELATIVE_PATH source_from_binary ${CMAKE_BINARY_DIR} ${CMAKE_SOURCE_DIR})
add_compile_options(-ffile-prefix-map=${CMAKE_SOURCE_DIR}/= -ffile-prefix-map=${source_from_binary}=)

if(TALLY_SANITIZE)
  add_compile_options(-fsanitize=${TALLY_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${TALLY_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    # GCC's data flow sees the sanitizers' added branches as paths that skip an initialization.
    add_compile_options(-Wno-maybe-uninitialized)
  endif()
endif()
if(TALLY_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

include(CheckLinkerFlag)
check_linker_flag(CXX -fuse-ld=lld TALLY_HAS_LLD)
if(TALLY_HAS_LLD)
  add_link_options(-fuse-ld=lld)
endif()

# ccache must be told that precompiled headers are checked by the compiler, and to look past the checkout's path.
find_program(TALLY_CCACHE ccache)
if(TALLY_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
      ${TALLY_CCACHE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    add_compile_options(-fpch-preprocess)
  endif()
endif()
