package recording

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// S3Config says where a bucket of an S3-compatible store is. The bucket must be there.
type S3Config struct {
	URL         string // https://HOST[:PORT]
	Bucket      string
	Prefix      string // before each name; "" for none
	Region      string
	AccessKey   string
	SecretKey   string
	Transport   http.RoundTripper // nil: the library's
	PathStyle   bool              // buckets in the path rather than in the host's name
	maxAttempts int
}

// S3 is a store in a bucket. A failed request is tried again by the library; what fails in the end stays in the spool and is tried
// again by the archive.
type S3 struct {
	client *minio.Client
	cfg    S3Config
}

// NewS3 checks the configuration; it does not connect.
func NewS3(cfg S3Config) (*S3, error) {
	u, err := url.Parse(cfg.URL)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || strings.Trim(u.Path, "/") != "" {
		return nil, fmt.Errorf("store of recordings %q: want https://HOST[:PORT]", cfg.URL)
	}
	if cfg.Bucket == "" || cfg.AccessKey == "" || cfg.SecretKey == "" {
		return nil, errors.New("store of recordings: bucket, access key and secret key are needed")
	}
	if cfg.maxAttempts == 0 {
		cfg.maxAttempts = 3
	}
	style := minio.BucketLookupAuto
	if cfg.PathStyle {
		style = minio.BucketLookupPath
	}
	c, err := minio.New(u.Host, &minio.Options{Creds: credentials.NewStaticV4(cfg.AccessKey, cfg.SecretKey, ""), Secure: u.Scheme == "https",
		Region: cfg.Region, Transport: cfg.Transport, BucketLookup: style, MaxRetries: cfg.maxAttempts})
	if err != nil {
		return nil, fmt.Errorf("store of recordings: %w", err)
	}
	return &S3{client: c, cfg: cfg}, nil
}

func (s *S3) name(name string) string {
	if s.cfg.Prefix == "" {
		return name
	}
	return strings.Trim(s.cfg.Prefix, "/") + "/" + name
}

func missing(err error) bool {
	r := minio.ToErrorResponse(err)
	return r.Code == "NoSuchKey" || r.StatusCode == http.StatusNotFound && r.Code != "NoSuchBucket"
}

// Put sends the file in one request, or in parts when it is large.
func (s *S3) Put(ctx context.Context, name string, src io.Reader, size int64) error {
	info, err := s.client.PutObject(ctx, s.cfg.Bucket, s.name(name), src, size, minio.PutObjectOptions{ContentType: "application/octet-stream", SendContentMd5: true})
	if err != nil {
		return fmt.Errorf("store recording: %w", err)
	}
	if info.Size != size {
		return fmt.Errorf("store recording: %d bytes were taken, %d were sent", info.Size, size)
	}
	return nil
}

type s3Blob struct {
	*minio.Object
	size int64
}

func (b s3Blob) Size() int64 { return b.size }

// Open asks for the file's size; ranges are asked for as they are read.
func (s *S3) Open(ctx context.Context, name string) (Blob, error) {
	o, err := s.client.GetObject(ctx, s.cfg.Bucket, s.name(name), minio.GetObjectOptions{})
	if err != nil {
		return nil, fmt.Errorf("open recording: %w", err)
	}
	info, err := o.Stat()
	if err != nil {
		_ = o.Close()
		if missing(err) {
			return nil, ErrNoBlob
		}
		return nil, fmt.Errorf("open recording: %w", err)
	}
	return s3Blob{o, info.Size}, nil
}

// Delete removes the file.
func (s *S3) Delete(ctx context.Context, name string) error {
	err := s.client.RemoveObject(ctx, s.cfg.Bucket, s.name(name), minio.RemoveObjectOptions{})
	if err != nil && !missing(err) {
		return fmt.Errorf("remove recording: %w", err)
	}
	return nil
}
