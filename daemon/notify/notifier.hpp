// Notifications put together: which sinks are told, what waits for each, who carries it. Nothing
// here is waited for by a stop.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/event.hpp"
#include "model/image.hpp"
#include "model/job.hpp"
#include "notify/heartbeat.hpp"
#include "notify/outbox.hpp"
#include "notify/router.hpp"
#include "notify/sender.hpp"
#include "policy/config.hpp"

namespace trainstop::notify {

/// What the configuration names and does not hold.
struct Secrets {
  std::map<std::string, std::string> urls, hmacs;  ///< by the sink's name
  std::optional<std::string> heartbeat;            ///< its URL
};

struct Hooks {
  Hooks() = default;
  std::function<Instant()> now;     ///< the daemon's line
  std::function<Instant()> utc;     ///< the same moment
  std::function<void(Event)> tell;  ///< an event of our own
  std::function<void(Image)> keep;  ///< an image for the journal
  std::function<double()> random;   ///< in [0, 1)
};

/// What one sink said to a test.
struct Tested {
  std::string sink;
  bool delivered = false;
  std::string problem;  ///< empty when delivered
};

class Notifier {
 public:
  Notifier(boost::asio::any_io_executor executor, Hooks hooks);
  ~Notifier();
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;

  /// Takes a configuration, the first or a changed one. What waits for a sink that is still there
  /// goes on waiting; for one that is not, it is dropped. The failure names the sink, and then
  /// nothing has changed.
  Result<void> configure(const policy::Config& config, const Secrets& secrets);
  /// What of the journal's images is still to be told; to be called once, after configure().
  void recall(const std::vector<Image>& images);

  /// An event is about to be kept under this number: the images to be kept with it.
  std::vector<Image> route(const Event& event, std::uint64_t seq);
  /// It has been told, as it stands in the log.
  void release(const Event& event, std::uint64_t seq);

  /// An account has answered with a list.
  void polled(AccountIndex account);

  /// Sends a test to one sink, or to all, past what waits. Calls `done` once with what each said;
  /// false without a call when there is no such sink.
  bool test(const std::optional<std::string>& sink, std::function<void(std::vector<Tested>)> done);

  /// Nothing is under way.
  bool idle() const;
  /// Ends everything; what waits is in the journal.
  void close();

 private:
  struct Sink {
    policy::NotifySink about;
    std::string url, hmac;  ///< the secrets
    std::shared_ptr<Sender> sender;
    std::shared_ptr<Outbox> outbox;
  };
  struct Beat {
    std::string url;
    Duration every;
    std::shared_ptr<Sender> sender;
    Heartbeat when;
    Trouble trouble;
  };
  Result<std::shared_ptr<Sender>> make_sender(const Sink& sink);
  Result<std::shared_ptr<Beat>> make_beat(const policy::Config& config, const Secrets& secrets);
  std::shared_ptr<net::Resolver> resolver();
  static bool goes_the_same_way(const Sink& a, const Sink& b);
  void pump_soon();
  void pump();
  void send(const Sink& sink, const Outbox::Attempt& attempt);
  void sent(const std::string& name, const std::shared_ptr<Outbox>& outbox, Outbox::Seq seq,
            const Sent& result);
  void close_images(const std::string& sink, const std::vector<Outbox::Seq>& numbers);
  void tell_trouble(Trouble& trouble, std::size_t waiting);

  boost::asio::any_io_executor executor_;
  Hooks hooks_;
  std::shared_ptr<net::Resolver> resolver_;  ///< of our own: a mute name server delays no stop
  Router router_;
  std::map<std::string, std::string> people_;
  std::map<std::string, Sink> sinks_;
  std::shared_ptr<Beat> beat_;
  std::optional<std::size_t>
      accounts_;  ///< of the first configuration: only a restart changes them
  boost::asio::steady_timer timer_;
  bool pump_waits_ = false;
  bool closed_ = false;
  std::shared_ptr<char> alive_ = std::make_shared<char>();  ///< for handlers that come later
};

}  // namespace trainstop::notify
