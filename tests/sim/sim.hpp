// A simulated Baseten management API on loopback. It is honest: its own state is the ground truth
// that tests check. Free of Asio, Beast and OpenSSL, so that tests compile quickly.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "sim/fault.hpp"
#include "sim/types.hpp"
#include "support/pki.hpp"

namespace trainstop::sim {

struct ServerOptions {
  Settings settings;
  std::optional<test::Identity> tls;  ///< absent: plain http
  std::uint16_t port = 0;             ///< 0: any free one
};

/// Serves on 127.0.0.1 from its own thread, from the end of the constructor to the destructor. All
/// members may be called from any thread. Throws std::runtime_error when it cannot listen or the
/// certificate cannot be used.
class Server {
 public:
  explicit Server(ServerOptions options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const;
  /// `https://127.0.0.1:PORT`, without a slash at the end.
  std::string base_url(const std::string& host = "127.0.0.1") const;

  /// Adds a job, or gives the job of that id a new life.
  void add_job(JobScript script);
  /// From now on the job bears this status. The rest of its script is dropped; a stop under way
  /// still ends it. Throws std::out_of_range for an unknown id, as the next three.
  void set_status(const std::string& job_id, const std::string& status);
  /// Moves updated_at to now.
  void touch(const std::string& job_id);
  /// The job is in no list any more and reads of it answer 404.
  void remove_job(const std::string& job_id);
  void restore_job(const std::string& job_id);

  /// Changes settings while serving.
  void change(const std::function<void(Settings&)>& change);
  void set_latency(Endpoint endpoint, Duration latency);
  void set_price(const std::string& instance_type, const std::string& price_json);

  /// Gives the fault's number for remove_fault and Truth::fault_strikes.
  std::size_t add_fault(Fault fault);
  void remove_fault(std::size_t number);
  void clear_faults();

  /// False: new connections are refused, as by a host without the service; true: served again, on
  /// the same port.
  void set_listening(bool listening);
  /// True: connections are accepted, and not a byte is said on them.
  void set_mute(bool mute);
  /// Resets every connection that is open now.
  void reset_connections();

  /// A copy of all that is known to be true now.
  Truth truth() const;
  JobTruth job(const std::string& job_id) const;
  /// Waits until `holds` is true of the truth; false when `within` passed first. `holds` is called
  /// under the server's lock, after every request and every change of a status.
  bool wait_until(const std::function<bool(const Truth&)>& holds, Duration within) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace trainstop::sim
