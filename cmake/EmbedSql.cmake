# schemas/sql/*.sql as a C++ source: the program and the tables it needs cannot be parted.
# The constants are declared in broker/storage/migrations.h.
function(tally_embed_sql target)
  file(GLOB files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/schemas/sql/*.sql)
  list(SORT files)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${files})
  set(rows "")
  foreach(file IN LISTS files)
    cmake_path(GET file FILENAME name)
    file(READ ${file} text)
    string(APPEND rows "    {\"${name}\", R\"tally_sql(${text})tally_sql\"},\n")
  endforeach()
  set(source ${CMAKE_BINARY_DIR}/generated/embedded_sql.cc)
  file(CONFIGURE OUTPUT ${source}.new CONTENT "#include \"broker/storage/migrations.h\"

namespace tally::storage {
namespace {
constexpr SqlFile files[] = {
@rows@};
}  // namespace

std::span<const SqlFile> sql_files() { return files; }

}  // namespace tally::storage
" @ONLY)
  file(COPY_FILE ${source}.new ${source} ONLY_IF_DIFFERENT)
  target_sources(${target} PRIVATE ${source})
endfunction()
