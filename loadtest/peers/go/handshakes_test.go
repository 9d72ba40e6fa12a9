package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"runtime"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

// What a server's handshake costs in Go, for comparison with //wire:tls_bench, BM_HandshakeServer:
// TLS 1.3, X25519, a P-256 certificate that its own authority has issued, ALPN h2.
//
//	cd loadtest/peers/go && go test -bench Handshake -benchtime 3000x -count 5
//
// server-cpu-ns/op is the CPU time of the server's thread; ns/op has the client in it.

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// configs are a server's and a client's that trusts it.
func configs() (*tls.Config, *tls.Config) {
	now := time.Now()
	authorityKey := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	authority := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test CA"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true,
	}
	authority = must(x509.ParseCertificate(must(x509.CreateCertificate(
		rand.Reader, authority, authority, &authorityKey.PublicKey, authorityKey))))
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "server"},
		DNSNames: []string{"localhost"}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour),
	}
	der := must(x509.CreateCertificate(rand.Reader, leaf, authority, &key.PublicKey, authorityKey))
	pool := x509.NewCertPool()
	pool.AddCert(authority)
	curves := []tls.CurveID{tls.X25519}
	server := &tls.Config{
		Certificates:     []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}},
		CurvePreferences: curves, NextProtos: []string{"h2"},
	}
	client := &tls.Config{
		RootCAs: pool, ServerName: "localhost", CurvePreferences: curves, NextProtos: []string{"h2"},
	}
	return server, client
}

func threadNs() int64 {
	const clockThreadCPUTime = 3
	var now syscall.Timespec
	syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, clockThreadCPUTime, uintptr(unsafe.Pointer(&now)), 0)
	return now.Nano()
}

func shakeHands(b *testing.B, sessions tls.ClientSessionCache) {
	serverConfig, clientConfig := configs()
	clientConfig.ClientSessionCache = sessions
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var spentNs int64
	for i := 0; i < b.N; i++ {
		clientEnd, serverEnd := net.Pipe()
		done := make(chan error, 1)
		go func() {
			client := tls.Client(clientEnd, clientConfig)
			err := client.Handshake()
			if err == nil { // the ticket comes with the first octet
				_, err = client.Read(make([]byte, 1))
			}
			done <- err
		}()
		server := tls.Server(serverEnd, serverConfig)
		began := threadNs()
		if err := server.Handshake(); err != nil {
			b.Fatal(err)
		}
		spentNs += threadNs() - began
		must(server.Write([]byte{1}))
		if err := <-done; err != nil {
			b.Fatal(err)
		}
		clientEnd.Close()
		serverEnd.Close()
	}
	b.ReportMetric(float64(spentNs)/float64(b.N), "server-cpu-ns/op")
}

func BenchmarkHandshake(b *testing.B)        { shakeHands(b, nil) }
func BenchmarkHandshakeResumed(b *testing.B) { shakeHands(b, tls.NewLRUClientSessionCache(4)) }
