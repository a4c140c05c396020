using System.Text;
using CsvHelper;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Orders;
using Laurel.Membership.Programmes;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;

namespace Laurel.Server.Imports;

/// <summary>Reads a file of orders: good rows into a history, bad rows into the report.</summary>
internal sealed class OrderFile : IDisposable
{
    /// <summary>What a decoder puts in place of bytes that are none of its encoding.</summary>
    private const char Undecodable = '\uFFFD';

    private static readonly CsvReaderOptions s_options = new() { Separator = ',', HasHeader = false };

    private readonly FileStream _stream;
    private readonly CsvRecordReader _records;
    private readonly CsvReader _rows;

    // The parser reads ahead, so broken records show before the rows in front of them are read.
    private readonly Queue<BrokenRecord> _broken = new();
    private int _line;

    private OrderFile(FileStream stream, Encoding encoding)
    {
        _stream = stream;
        _records = new CsvRecordReader(new StreamReader(stream, encoding, detectEncodingFromByteOrderMarks: true), _broken.Enqueue);
        _rows = CsvReader.Create(_records, s_options, leaveOpen: false);
    }

    public long BytesTotal => _stream.Length;

    private ColumnMap Map { get; init; } = null!;

    private ColumnPositions Positions { get; set; } = null!;

    /// <summary>Opens the file and finds its columns.</summary>
    /// <returns>The file, or the sentence that says why it cannot be used.</returns>
    public static (OrderFile? File, string? Mistake) Open(string path, Encoding encoding, ColumnMap map)
    {
        if (!File.Exists(path))
        {
            return (null, $"There is no file {path}.");
        }

        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16);
        var file = new OrderFile(stream, encoding) { Map = map };
        if (file.ReadHeader() is { } mistake)
        {
            file.Dispose();
            return (null, mistake);
        }

        return (file, null);
    }

    /// <summary>Reads all rows.</summary>
    /// <param name="progress">Told the bytes read so far.</param>
    public OrderHistory Read(Currency currency, BusinessTimes times, ErrorReport report, IProgress<long> progress, CancellationToken cancellationToken)
    {
        var history = new OrderHistory();
        while (_rows.Read())
        {
            history.Rows++;
            _line = _records.TakeLineNumber();
            ReportBroken(history, report);
            if (history.Rows % 4_096 == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                progress.Report(_stream.Position);
            }

            if (_rows.FieldCount == Positions.Count)
            {
                ReadRow(history, currency, times, report);
            }
            else
            {
                report.Write(WrongFieldCount());
            }
        }

        ReportBroken(history, report);
        progress.Report(_stream.Length);
        history.Sort();
        return history;
    }

    public void Dispose()
    {
        _rows.Dispose();
        _stream.Dispose();
    }

    private string? ReadHeader()
    {
        var line = _rows.Read() ? _records.TakeLineNumber() : int.MaxValue;
        if (_broken.TryPeek(out var broken) && broken.Line < line)
        {
            return "The first line of the file is not a CSV header.";
        }

        if (line == int.MaxValue)
        {
            return "The file is empty: its first line must name the columns.";
        }

        var header = new string[_rows.FieldCount];
        for (var i = 0; i < header.Length; i++)
        {
            header[i] = _rows.GetString(i).Trim().TrimStart('\uFEFF');
        }

        if (Array.Exists(header, name => name.Contains('\0') || !Decoded(name)))
        {
            return "The header of the file cannot be decoded. Name its encoding with --encoding (utf-8 or gb18030).";
        }

        if (!ColumnPositions.TryFind(Map, header, out var positions, out var mistake))
        {
            return mistake;
        }

        Positions = positions;
        return null;
    }

    private void ReportBroken(OrderHistory history, ErrorReport report)
    {
        while (_broken.TryDequeue(out var broken))
        {
            history.Rows++;
            report.Write(broken.IsTooLong
                ? new RowError(broken.Line, "", RowErrorCode.RowTooLong, $"A row has at most {CsvRecordReader.RecordCharsMax} characters.", broken.Text)
                : new RowError(broken.Line, "", RowErrorCode.QuotesBroken, "A quote is not closed, or stands inside a field that is not quoted.", broken.Text));
        }
    }

    private RowError WrongFieldCount()
    {
        var code = _rows.FieldCount < Positions.Count ? RowErrorCode.FieldsTooFew : RowErrorCode.FieldsTooMany;
        var message = $"The row has {_rows.FieldCount} fields, the header {Positions.Count}.";
        return new RowError(_line, "", code, message, Encoding.UTF8.GetString(_rows.RawRecord));
    }

    private void ReadRow(OrderHistory history, Currency currency, BusinessTimes times, ErrorReport report)
    {
        var (date, money) = (_rows.GetString(Positions.Date), _rows.GetString(Positions.Amount));
        var order = ReadId(_rows.GetString(Positions.Order), OrderLimits.IdLengthMax);
        var customer = ReadId(_rows.GetString(Positions.Customer), RegisterMemberBody.ExternalIdLengthMax);
        var time = Decoded(date) ? times.Read(date) : NotDecoded<Instant>();
        var amount = Decoded(money) ? currency.ReadAmount(money) : NotDecoded<long>();
        var isGood = Accept(report, Map.Order, Positions.Order, order)
            & Accept(report, Map.Customer, Positions.Customer, customer)
            & Accept(report, Map.Date, Positions.Date, time)
            & Accept(report, Map.Amount, Positions.Amount, amount);
        if (isGood && history.Add(order.Value, customer.Value, time.Value, amount.Value, _line) is { } earlier)
        {
            var message = $"The order stands in row {earlier} with another content.";
            report.Write(new RowError(_line, Map.Order, ErrorCode.Conflict, message, order.Value));
        }
    }

    private bool Accept<T>(ErrorReport report, string column, int position, FieldRead<T> read)
    {
        if (read.Code is not null)
        {
            report.Write(new RowError(_line, column, read.Code, read.Message!, _rows.GetString(position)));
        }

        return read.Code is null;
    }

    private static FieldRead<string> ReadId(string text, int lengthMax)
    {
        if (!Decoded(text))
        {
            return NotDecoded<string>();
        }

        if (text.Length == 0)
        {
            return FieldRead<string>.Failed(FieldErrorCode.Required, "An id is required.");
        }

        return FieldText.IdentifierFault(ref text, lengthMax) switch
        {
            null => FieldRead<string>.Of(text),
            FieldErrorCode.TooShort => FieldRead<string>.Failed(FieldErrorCode.Required, "An id is not blank."),
            FieldErrorCode.TooLong => FieldRead<string>.Failed(FieldErrorCode.TooLong, $"An id has at most {lengthMax} characters."),
            var code => FieldRead<string>.Failed(code, "An id holds no control characters, and no space at its ends."),
        };
    }

    private static bool Decoded(string text) => !text.Contains(Undecodable);

    private static FieldRead<T> NotDecoded<T>() =>
        FieldRead<T>.Failed(RowErrorCode.EncodingInvalid, "The bytes are none of the encoding. Perhaps the file has another: see --encoding.");
}
