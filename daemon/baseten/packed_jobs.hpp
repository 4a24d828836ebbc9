// Decoded jobs in little memory, until their list has proved complete: a list without end must not
// push the daemon past its limit.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/job.hpp"

namespace trainstop::baseten {

class PackedJobs {
 public:
  /// Takes at most about so many bytes.
  explicit PackedJobs(std::size_t most_bytes);

  /// The job's id, which lives as long as this does; empty when there is no room.
  std::string_view add(const JobSnapshot& job);
  /// Gives all jobs in the order of adding.
  void unpack(const std::function<void(JobSnapshot&)>& take) const;

 private:
  struct Block {
    std::unique_ptr<char[]> bytes;
    std::size_t used = 0;
  };

  const std::size_t most_blocks_;
  std::vector<Block> blocks_;
  JobSnapshot previous_;  ///< texts that it has as well are not repeated
  std::string scratch_;
};

}  // namespace trainstop::baseten
