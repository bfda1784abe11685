package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/term"

	"github.com/dialtide/dialtide/lists"
	"github.com/dialtide/dialtide/lists/importer"
)

type importCmd struct {
	Database  string   `help:"PostgreSQL URL." required:""`
	List      string   `help:"Name or id of the list; a new name makes a new list." required:""`
	Region    string   `help:"Country of numbers without a country code, for a new list." default:"US"`
	Template  string   `help:"Read the file by this template." placeholder:"NAME"`
	Map       []string `help:"Read a column as something: COLUMN=phone|name|key|tags|priority|zone|state|zip|ignore or COLUMN=field:NAME[:number|date|bool|money]. May be given several times; columns that are not named are ignored." placeholder:"COLUMN=AS" sep:"none"`
	SaveAs    string   `help:"Keep how the file is read as a template." placeholder:"NAME"`
	Encoding  string   `help:"UTF-8, UTF-16LE, UTF-16BE, GB18030 or Big5; as it looks when not given."`
	Delimiter string   `help:"Comma, semicolon, tab (\\t) or bar; as it looks when not given."`
	Sheet     string   `help:"Sheet of a workbook; the first one when not given."`
	By        string   `help:"What makes two contacts one." enum:"number,key" default:"number"`
	OnDup     string   `help:"What is done with contacts that are there: skip, update or merge." enum:"skip,update,merge" default:"skip"`
	Across    string   `help:"What is done with contacts that other lists have." enum:"allow,skip,update,merge" default:"allow"`
	Inspect   bool     `help:"Show how the file would be read, and load nothing."`
	Resume    string   `help:"Go on with an import that was interrupted, by its id; the file must be the same." placeholder:"ID"`
	Rejects   string   `help:"Write the rows that were not taken to this file, to be mended and loaded again." type:"path" placeholder:"FILE"`
	File      string   `arg:"" type:"existingfile" help:"CSV, TSV or Excel workbook (.xlsx)."`
}

func (c *importCmd) Run(ctx context.Context) error {
	file, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	pool, err := pgxpool.New(ctx, c.Database)
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	defer pool.Close()
	store := lists.New(pool)
	plan, err := c.plan(ctx, store)
	if err != nil {
		return err
	}
	if c.Inspect {
		return c.inspect(file, plan)
	}
	req := importer.ImportRequest{Plan: plan, Reader: file, Size: info.Size()}
	if c.Resume != "" {
		if req.ImportID, err = uuid.Parse(c.Resume); err != nil {
			return fmt.Errorf("--resume: %w", err)
		}
	}
	list, made, err := c.list(ctx, store)
	if err != nil {
		return err
	}
	req.ListID, req.Region = list.ID, list.Region
	report, err := c.load(ctx, store, req)
	if err != nil {
		return c.failed(ctx, store, list, made, err)
	}
	fmt.Printf("list %q: %d rows read, %d contacts accepted, %d updated, %d rejected, %d on a do-not-call list (%s%s)\n",
		list.Name, report.RowsRead, report.Accepted, report.Updated, report.Rejected, report.OnDNC, report.Encoding, delimiterText(report.Delimiter))
	for _, reason := range slices.Sorted(maps.Keys(report.Reasons)) {
		fmt.Printf("  %-22s %d\n", reason, report.Reasons[reason])
	}
	return c.writeRejects(ctx, store, list.ID)
}

func delimiterText(d string) string {
	if d == "" {
		return ""
	}
	return ", delimiter " + strconv.Quote(d)
}

// load keeps what is to be remembered, and reads the file.
func (c *importCmd) load(ctx context.Context, store *lists.Store, req importer.ImportRequest) (importer.Report, error) {
	if err := c.remember(ctx, store, req.ListID, req.Plan); err != nil {
		return importer.Report{}, err
	}
	bar := newBar(req.Size)
	req.OnProgress = bar.show
	defer bar.end()
	return importer.Load(ctx, store, filepath.Base(c.File), req)
}

// failed says how to go on with an import that was interrupted. A list that was made for a file that was refused goes again.
func (c *importCmd) failed(ctx context.Context, store *lists.Store, list lists.List, made bool, err error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if all, listErr := store.Imports(ctx, list.ID); listErr == nil && len(all) > 0 && all[0].Error == lists.ImportInterrupted {
		return fmt.Errorf("%s: interrupted behind row %d: go on with --resume %s", c.File, all[0].RowsRead, all[0].ID)
	}
	err = fmt.Errorf("%s: %w", c.File, err)
	if made {
		if dropped, dropErr := store.DropUnusedList(ctx, list.ID); dropErr != nil || !dropped {
			err = errors.Join(fmt.Errorf("%w; the list %q that was made for it stays", err, list.Name), dropErr)
		}
	}
	return err
}

// plan is made of a template or of the flags.
func (c *importCmd) plan(ctx context.Context, store *lists.Store) (plan importer.Plan, err error) {
	if c.Template != "" {
		t, err := store.ImportTemplate(ctx, uuid.Nil, c.Template)
		if err != nil {
			return plan, fmt.Errorf("template %q: %w", c.Template, err)
		}
		if err := json.Unmarshal(t.Plan, &plan); err != nil {
			return plan, fmt.Errorf("template %q: %w", c.Template, err)
		}
	} else {
		plan.Duplicates = lists.Duplicates{By: c.By, InFile: c.OnDup, InList: c.OnDup, Across: c.Across}
	}
	for _, m := range c.Map {
		column, err := mapped(m)
		if err != nil {
			return plan, err
		}
		plan.Columns = append(plan.Columns, column)
	}
	plan.Encoding, plan.Delimiter, plan.Sheet = first(c.Encoding, plan.Encoding), first(strings.ReplaceAll(c.Delimiter, `\t`, "\t"), plan.Delimiter), first(c.Sheet, plan.Sheet)
	return plan, plan.Check()
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// mapped reads COLUMN=AS.
func mapped(s string) (importer.Column, error) {
	i := strings.LastIndexByte(s, '=')
	if i <= 0 {
		return importer.Column{}, fmt.Errorf("--map %s: must be COLUMN=AS", s)
	}
	c := importer.Column{Header: s[:i]}
	part := strings.Split(s[i+1:], ":")
	c.As = part[0]
	if len(part) > 1 {
		c.Field = part[1]
	}
	if len(part) > 2 {
		c.Type = part[2]
	}
	return c, nil
}

// remember keeps the plan as a template, and what it says of the list's fields.
func (c *importCmd) remember(ctx context.Context, store *lists.Store, list uuid.UUID, plan importer.Plan) error {
	if c.SaveAs != "" {
		text, err := json.Marshal(plan)
		if err != nil {
			return err
		}
		if _, err := store.SaveImportTemplate(ctx, lists.ImportTemplate{Name: c.SaveAs, Plan: text}); err != nil {
			return err
		}
	}
	return store.AddListFields(ctx, list, plan.ListFields())
}

// inspect shows how a file would be read.
func (c *importCmd) inspect(file *os.File, plan importer.Plan) error {
	out, err := importer.Inspect(file, plan, strings.ToUpper(c.Region))
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	fmt.Printf("%s%s, header: %t\n", out.Encoding, delimiterText(out.Delimiter), out.Header)
	for _, column := range out.Columns {
		fmt.Printf("  %-30s %s %s%s%s\n", column.Header, column.As, column.Field, column.Type, column.Kind)
	}
	for _, r := range out.Rows {
		if r.Reason != "" {
			fmt.Printf("row %d: rejected, %s: %s\n", r.Row, r.Field, r.Reason)
			continue
		}
		fmt.Printf("row %d: %s %s %s %v\n", r.Row, r.Phone, r.Region, r.Name, r.Fields)
	}
	return nil
}

// writeRejects writes the rejected rows of the newest import as they were, with what is wrong behind them.
func (c *importCmd) writeRejects(ctx context.Context, store *lists.Store, list uuid.UUID) error {
	if c.Rejects == "" {
		return nil
	}
	all, err := store.Imports(ctx, list)
	if err != nil || len(all) == 0 || all[0].Rejected == 0 {
		return err
	}
	f, err := os.Create(c.Rejects)
	if err != nil {
		return err
	}
	err = importer.WriteRejects(ctx, f, store, all[0])
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	fmt.Printf("rejected rows: %s\n", c.Rejects)
	return nil
}

// list finds the list by id or name, or makes it.
func (c *importCmd) list(ctx context.Context, store *lists.Store) (l lists.List, made bool, err error) {
	if id, err := uuid.Parse(c.List); err == nil {
		l, err := store.List(ctx, id)
		return l, false, err
	}
	all, err := store.Lists(ctx)
	if err != nil {
		return lists.List{}, false, err
	}
	for _, l := range all {
		if l.Name == c.List {
			return l, false, nil
		}
	}
	l, err = store.CreateList(ctx, lists.List{Name: c.List, Region: c.Region})
	return l, err == nil, err
}

// bar is a progress bar on a terminal, and silent elsewhere.
type bar struct {
	size  int64
	on    bool
	start time.Time
}

func newBar(size int64) *bar {
	return &bar{size: size, on: term.IsTerminal(int(os.Stderr.Fd())), start: time.Now()}
}

func (b *bar) show(p importer.Progress) {
	if !b.on || b.size == 0 {
		return
	}
	const width = 40
	done := min(float64(p.BytesRead)/float64(b.size), 1)
	fill := int(done * width)
	fmt.Fprintf(os.Stderr, "\r\033[K  [%s%s] %3.0f %%  %d accepted, %d updated, %d rejected, %.0f rows/s", strings.Repeat("=", fill), strings.Repeat(" ", width-fill),
		100*done, p.Accepted, p.Updated, p.Rejected, float64(p.RowsRead)/max(time.Since(b.start).Seconds(), 0.001))
}

func (b *bar) end() {
	if b.on {
		fmt.Fprintln(os.Stderr)
	}
}
