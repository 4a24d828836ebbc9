// Takes another configuration while the daemon runs: reads it, says what it would do, or passes it
// to the core. What is slow (files, the journal, a trial) is done by a thread of its own. A
// configuration that can't be used changes nothing.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/core.hpp"
#include "policy/reader.hpp"
#include "service/bodies.hpp"
#include "service/desk.hpp"

namespace trainstop::service {

class Reloader {
 public:
  struct Parts {
    std::filesystem::path file;                     ///< the configuration's
    std::filesystem::path directory;                ///< of the journal
    bool observe = false;                           ///< whatever the file says
    std::function<const policy::Config&()> config;  ///< in force
    std::function<bool()> journal_is_whole;
    std::function<Instant()> utc_now;
    std::function<void(Event)> tell;
    /// A configuration is being taken, or no longer.
    std::function<void(bool)> busy;
    std::function<void(core::Fact)> post;
    std::function<std::uint64_t(Desk::Answered)> expect;
    /// Makes ready what a configuration names outside the core; a failure refuses it.
    std::function<Result<void>(const policy::Config&)> prepare;
    /// It is in force from now on, with what only a start takes as it was; the reader's warnings
    /// come with it.
    std::function<void(std::shared_ptr<const policy::Config>, std::vector<std::string>)> loaded;
  };
  /// Images of jobs that are not kept any more.
  using Bills = std::shared_ptr<const std::vector<Image>>;

  Reloader(boost::asio::any_io_executor executor, Parts parts);
  Reloader(const Reloader&) = delete;
  Reloader& operator=(const Reloader&) = delete;

  /// Answers exactly once, unless the daemon ends before.
  void reload(ReloadRequest request, const std::string& user, Desk::Answered answered);
  void check(CheckRequest request, Desk::Answered answered);
  /// Waits for what the thread does at the moment, and does nothing more.
  void close();

 private:
  using Read = std::function<policy::ReadResult()>;
  /// A configuration on its way into force.
  struct Taken {
    std::shared_ptr<const policy::Config> config;
    std::vector<std::string> warnings;
    std::set<std::string> waiting;  ///< keys of what takes effect at the next start
    std::string user;
  };
  void set_busy(bool busy);
  void read(Read how, std::function<void(policy::ReadResult)> then);
  void look_ahead(policy::Config config, Desk::Answered answered);
  void take(policy::ReadResult read, const std::string& user, Desk::Answered answered);
  void pass(Taken taken, Bills bills, Desk::Answered answered);
  core::Answer rejected(const policy::ReadResult& read) const;
  void tell_rejected(const core::Answer& why);

  boost::asio::any_io_executor executor_;
  Parts parts_;
  bool busy_ = false;  ///< a configuration is being taken
  bool closed_ = false;
  boost::asio::thread_pool thread_{1};
};

}  // namespace trainstop::service
