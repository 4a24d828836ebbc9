// c-ares on a thread of its own. Knows nothing of Asio's loop; answers come on the thread.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace trainstop::net {

/// What the name servers said. `addresses` is empty exactly when there is a problem.
struct DnsAnswer {
  std::vector<boost::asio::ip::address> addresses;
  bool no_such_name = false;  ///< they answered, and there is none; else they did not answer
  std::string problem;
};

class DnsWorker {
 public:
  /// `servers` as c-ares writes them, empty for the system's own.
  explicit DnsWorker(std::string servers);
  /// Gives up what is pending and joins at once.
  ~DnsWorker();
  DnsWorker(const DnsWorker&) = delete;
  DnsWorker& operator=(const DnsWorker&) = delete;

  /// Asks for a name; `done` is called once, on the worker's thread, also when the worker ends.
  void ask(std::string host, std::function<void(DnsAnswer)> done);

 private:
  class Thread;
  std::unique_ptr<Thread> thread_;
};

}  // namespace trainstop::net
