// A file or stderr: a line each.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "log/target.hpp"

namespace trainstop::log {

class StreamTarget final : public Target {
 public:
  /// The file, or stderr. Fails when it can't be opened.
  static Result<std::shared_ptr<Target>> open(const std::optional<std::filesystem::path>& file);
  StreamTarget(int descriptor, std::optional<std::filesystem::path> file)
      : descriptor_(descriptor), file_(std::move(file)) {}
  ~StreamTarget() override;

  std::string render(const Event& event, std::uint64_t seq, Format format) const override;
  Result<void> reopen() override;

 private:
  bool write(std::string_view rendered) override;
  bool write_all(std::string_view text);

  int descriptor_;
  std::optional<std::filesystem::path> file_;
  bool torn_ = false;  ///< the last line lacks its end
};

}  // namespace trainstop::log
