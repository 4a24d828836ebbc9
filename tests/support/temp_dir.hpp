// A directory that ends with its test, and files in it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace trainstop::test {

class TempDir {
 public:
  /// Made below $TMPDIR or /tmp, mode 0700. Throws std::system_error when that fails.
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// Writes a file (making its folders) with mode 0600 and gives its path.
  std::filesystem::path write(const std::filesystem::path& name, std::string_view text) const;

 private:
  std::filesystem::path path_;
};

/// The whole file; throws std::runtime_error when it can't be read.
std::string read_file(const std::filesystem::path& path);

}  // namespace trainstop::test
