// A directory that ends with its test, and files in it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace trainstop::test {

class TempDir {
 public:
  /// Made in memory (/dev/shm) where there is such a place, because a busy disk may take seconds
  /// for a write, else as on_disk. Mode 0700. Throws std::system_error when that fails.
  TempDir();
  /// Below `parent`.
  explicit TempDir(const std::filesystem::path& parent);
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  /// $TMPDIR or /tmp: for what measures a real disk.
  static std::filesystem::path on_disk() { return std::filesystem::temp_directory_path(); }

  const std::filesystem::path& path() const { return path_; }
  /// Writes a file (making its folders) with mode 0600 and gives its path.
  std::filesystem::path write(const std::filesystem::path& name, std::string_view text) const;

 private:
  std::filesystem::path path_;
};

/// The whole file; throws std::runtime_error when it can't be read.
std::string read_file(const std::filesystem::path& path);

}  // namespace trainstop::test
