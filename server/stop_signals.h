// StopSignals: SIGINT and SIGTERM, heard by one thread that asks for them instead of by a handler.
//
//     StopSignals::Block();           // before threads are made, so that they inherit it
//     StopSignals signals;
//     poll(signals.fd()) ... if (int signal = signals.Take()) ...
#ifndef PENSTOCK_SERVER_STOP_SIGNALS_H_
#define PENSTOCK_SERVER_STOP_SIGNALS_H_

namespace penstock::server {

class StopSignals {
 public:
  // In the calling thread.
  static void Block();
  // Ends the process by the signal's default action, or returns if somebody has it handled.
  static void EndBy(int signal);

  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  // Readable when there is one.
  int fd() const { return fd_; }
  // The number of one that came, or 0.
  int Take();
  // How many were taken.
  int taken_count() const { return taken_count_; }

 private:
  const int fd_;
  int taken_count_ = 0;
};

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_STOP_SIGNALS_H_
