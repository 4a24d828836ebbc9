#include "net/dns_worker.hpp"

#include <ares.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cstring>
#include <map>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>

namespace trainstop::net {

namespace {

// One try of one server; c-ares doubles it. Whoever waits has a deadline of its own.
constexpr int kTryMilliseconds = 2000;
constexpr int kTries = 3;
// No name that serves an API has more.
constexpr std::size_t kMostAddresses = 16;
// The longest sleep while queries are pending, should c-ares name no earlier time.
constexpr int kLongestSleepMilliseconds = 1000;

struct Question {
  std::string host;
  std::function<void(DnsAnswer)> done;
};

std::vector<boost::asio::ip::address> addresses_of(const ares_addrinfo& info) {
  std::vector<boost::asio::ip::address> addresses;
  for (const ares_addrinfo_node* node = info.nodes; node; node = node->ai_next) {
    if (addresses.size() == kMostAddresses) break;
    if (node->ai_family == AF_INET) {
      sockaddr_in four{};
      std::memcpy(&four, node->ai_addr, sizeof four);
      addresses.emplace_back(boost::asio::ip::address_v4(ntohl(four.sin_addr.s_addr)));
    } else if (node->ai_family == AF_INET6) {
      sockaddr_in6 six{};
      std::memcpy(&six, node->ai_addr, sizeof six);
      boost::asio::ip::address_v6::bytes_type bytes{};
      std::memcpy(bytes.data(), &six.sin6_addr, bytes.size());
      addresses.emplace_back(boost::asio::ip::address_v6(bytes, six.sin6_scope_id));
    }
  }
  return addresses;
}

DnsAnswer problem_answer(int status) {
  DnsAnswer answer;
  answer.no_such_name = status == ARES_ENOTFOUND || status == ARES_ENODATA;
  answer.problem = ares_strerror(status);
  return answer;
}

}  // namespace

/// The thread and what it shares with the askers: a queue, a flag, and an eventfd that wakes it.
class DnsWorker::Thread {
 public:
  explicit Thread(std::string servers)
      : servers_(std::move(servers)), wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (wake_ < 0) throw std::runtime_error("no eventfd for the name resolver");
    static const int library = ares_library_init(ARES_LIB_INIT_ALL);
    if (library != ARES_SUCCESS) throw std::runtime_error("c-ares can't start");
    thread_ = std::thread([this] { run(); });
  }

  ~Thread() {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    wake();
    thread_.join();
    ::close(wake_);
  }

  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;

  void ask(Question question) {
    {
      const std::lock_guard lock(mutex_);
      queue_.push_back(std::move(question));
    }
    wake();
  }

 private:
  /// A query under way; c-ares hands the pointer back exactly once.
  struct Pending {
    Thread* thread = nullptr;
    Question question;
  };

  void wake() {
    const std::uint64_t one = 1;
    // A full counter wakes the thread as well, so a failed write loses nothing.
    [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof one);
  }

  void run() {
    while (true) {
      std::vector<Question> fresh;
      {
        const std::lock_guard lock(mutex_);
        if (ending_) break;
        fresh.swap(queue_);
      }
      for (Question& question : fresh) begin(std::move(question));
      if (pending_ == 0) close_channel();
      wait();
    }
    close_channel();
    for (const Question& question : queue_) question.done(problem_answer(ARES_ECANCELLED));
  }

  void begin(Question question) {
    if (const int status = open_channel(); status != ARES_SUCCESS) {
      question.done(problem_answer(status));
      return;
    }
    ares_addrinfo_hints hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    const std::string host = question.host;
    auto pending = std::make_unique<Pending>();
    pending->thread = this;
    pending->question = std::move(question);
    ++pending_;
    ares_getaddrinfo(channel_, host.c_str(), nullptr, &hints, &Thread::finished, pending.release());
  }

  static void finished(void* argument, int status, int, ares_addrinfo* info) {
    const std::unique_ptr<Pending> pending(static_cast<Pending*>(argument));
    const std::unique_ptr<ares_addrinfo, decltype(&ares_freeaddrinfo)> owned(info,
                                                                             &ares_freeaddrinfo);
    --pending->thread->pending_;
    DnsAnswer answer;
    if (status == ARES_SUCCESS && info) answer.addresses = addresses_of(*info);
    if (answer.addresses.empty()) {
      answer = problem_answer(status == ARES_SUCCESS ? ARES_ENODATA : status);
    }
    pending->question.done(std::move(answer));
  }

  static void socket_changed(void* argument, ares_socket_t socket, int readable, int writable) {
    auto& sockets = static_cast<Thread*>(argument)->sockets_;
    if (!readable && !writable) {
      sockets.erase(socket);
    } else {
      sockets[socket] = static_cast<short>((readable ? POLLIN : 0) | (writable ? POLLOUT : 0));
    }
  }

  /// A channel lives only while queries are pending, so that each burst of them reads the system's
  /// present resolv.conf.
  int open_channel() {
    if (channel_) return ARES_SUCCESS;
    ares_options options{};
    options.timeout = kTryMilliseconds;
    options.tries = kTries;
    options.sock_state_cb = &Thread::socket_changed;
    options.sock_state_cb_data = this;
    const int mask = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB;
    int status = ares_init_options(&channel_, &options, mask);
    if (status == ARES_SUCCESS && !servers_.empty()) {
      status = ares_set_servers_ports_csv(channel_, servers_.c_str());
    }
    if (status != ARES_SUCCESS) close_channel();
    return status;
  }

  void close_channel() {
    if (!channel_) return;
    ares_destroy(channel_);
    channel_ = nullptr;
    sockets_.clear();
  }

  void wait() {
    std::vector<pollfd> polled{{wake_, POLLIN, 0}};
    for (const auto& [socket, events] : sockets_) polled.push_back({socket, events, 0});
    ::poll(polled.data(), polled.size(), channel_ ? sleep_milliseconds() : -1);
    std::uint64_t count = 0;
    [[maybe_unused]] const auto drained = ::read(wake_, &count, sizeof count);
    if (!channel_) return;
    for (std::size_t i = 1; i < polled.size(); ++i) {
      const bool readable = polled[i].revents & (POLLIN | POLLERR | POLLHUP);
      const bool writable = polled[i].revents & POLLOUT;
      if (readable || writable) {
        ares_process_fd(channel_, readable ? polled[i].fd : ARES_SOCKET_BAD,
                        writable ? polled[i].fd : ARES_SOCKET_BAD);
      }
    }
    ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
  }

  int sleep_milliseconds() const {
    timeval longest{kLongestSleepMilliseconds / 1000, 0};
    timeval room{};
    const timeval* const next = ares_timeout(channel_, &longest, &room);
    return static_cast<int>(next->tv_sec * 1000 + next->tv_usec / 1000) + 1;
  }

  const std::string servers_;
  const int wake_;
  std::mutex mutex_;
  std::vector<Question> queue_;  // guarded by mutex_
  bool ending_ = false;          // guarded by mutex_
  ares_channel channel_ = nullptr;
  std::map<ares_socket_t, short> sockets_;
  int pending_ = 0;
  std::thread thread_;
};

DnsWorker::DnsWorker(std::string servers) : thread_(std::make_unique<Thread>(std::move(servers))) {}

DnsWorker::~DnsWorker() = default;

void DnsWorker::ask(std::string host, std::function<void(DnsAnswer)> done) {
  Question question;
  question.host = std::move(host);
  question.done = std::move(done);
  thread_->ask(std::move(question));
}

}  // namespace trainstop::net
