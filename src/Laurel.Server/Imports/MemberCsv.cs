using System.Buffers;
using System.Globalization;
using System.Text.Json;
using CsvHelper;
using Laurel.Membership.Imports;
using Laurel.Membership.Profiles;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;

namespace Laurel.Server.Imports;

/// <summary>Reads a CSV file of members into the objects that rows of members are: what a column means is said by its name in the first line.</summary>
/// <remarks>UTF-8 or GB18030, as <see cref="FileEncoding"/> finds; a row with a character that is cut off or damaged is refused. An empty field tells
/// nothing. A date in <c>registeredAt</c> is the start of that business day.</remarks>
/// <param name="times">Reads <c>registeredAt</c>.</param>
internal sealed class MemberCsv(ProfileRules rules, BusinessTimes times)
{
    private const string AttributePrefix = "attributes.";
    private const string RegisteredAt = "registeredAt";
    private const string RealNameVerified = "realNameVerified";

    private static readonly string[] s_columns =
        ["externalId", "nickname", "phone", "email", "gender", "birthday", "realName", "avatar", RegisteredAt, RealNameVerified];

    private static readonly CsvReaderOptions s_options = new() { Separator = ',', HasHeader = false };

    private static readonly Wording s_wellFormed = new("a row whose quotes are closed", "引号完整闭合的行");
    private static readonly Wording s_complete = new("a row of as many fields as the first line has", "字段数与首行一致的行");
    private static readonly Wording s_decodable = new("text in UTF-8 or GB18030 whose characters are whole", "字符完整的 UTF-8 或 GB18030 文本");
    private static readonly Wording s_header = new("a first line that names the columns", "写明列名的首行");
    private static readonly Wording s_time = new("a date like 2026-01-31 or a time like 2026-01-31T08:00:00Z", "形如 2026-01-31 的日期或 2026-01-31T08:00:00Z 的时间");

    private readonly Queue<BrokenRecord> _broken = new();
    private readonly List<ImportedRow> _rows = [];

    /// <summary>The rows, or what is wrong with the first line. Reading ends with the first row that is one too many.</summary>
    /// <param name="rowsMax">Rows that are taken at the most.</param>
    public (IReadOnlyList<ImportedRow> Rows, IReadOnlyList<FieldError> Faults) Read(byte[] file, int rowsMax)
    {
        var encoding = Verbs.ImportConsole.EncodingOf(FileEncoding.IsUtf8(file) ? "utf-8" : "gb18030")!;
        var text = new StreamReader(new MemoryStream(file), encoding, detectEncodingFromByteOrderMarks: true);
        var records = new CsvRecordReader(text, _broken.Enqueue) { BrokenMax = rowsMax + 1 };
        using var csv = CsvReader.Create(records, s_options, leaveOpen: false);
        if (!csv.Read() || records.TakeLineNumber() is var line && _broken.TryPeek(out var broken) && broken.Line < line)
        {
            return ([], [FaultOf("", FieldErrorCode.InvalidFormat, ("expected", s_header))]);
        }

        var header = new string[csv.FieldCount];
        for (var i = 0; i < header.Length; i++)
        {
            header[i] = csv.GetString(i).Trim().TrimStart('\uFEFF');
        }

        if (FaultsOf(header) is { Count: > 0 } faults)
        {
            return ([], faults);
        }

        while (_rows.Count <= rowsMax && csv.Read())
        {
            line = records.TakeLineNumber();
            TakeBroken();
            _rows.Add(csv.FieldCount == header.Length
                ? RowOf(line, header, csv)
                : Broken(line, FaultOf("", FieldErrorCode.InvalidFormat, ("expected", s_complete))));
        }

        TakeBroken();
        return (_rows, []);
    }

    private List<FieldError> FaultsOf(string[] header)
    {
        var faults = new List<FieldError>();
        for (var i = 0; i < header.Length; i++)
        {
            var isKnown = s_columns.Contains(header[i])
                || (header[i].StartsWith(AttributePrefix, StringComparison.Ordinal) && rules.Find(header[i][AttributePrefix.Length..]) is not null);
            if (!isKnown)
            {
                faults.Add(FaultOf(header[i], FieldErrorCode.UnknownField));
            }
            else if (Array.IndexOf(header, header[i]) < i)
            {
                faults.Add(FaultOf(header[i], FieldErrorCode.DuplicateField));
            }
        }

        if (!header.Contains("externalId"))
        {
            faults.Add(FaultOf("externalId", FieldErrorCode.Required));
        }

        return faults;
    }

    private void TakeBroken()
    {
        while (_broken.TryDequeue(out var broken))
        {
            _rows.Add(Broken(broken.Line, broken.IsTooLong
                ? FaultOf("", FieldErrorCode.TooLong, ("max", CsvRecordReader.RecordCharsMax))
                : FaultOf("", FieldErrorCode.InvalidFormat, ("expected", s_wellFormed))));
        }
    }

    private ImportedRow RowOf(int line, string[] header, CsvReader csv)
    {
        var json = new ArrayBufferWriter<byte>(256);
        using var writer = new Utf8JsonWriter(json);
        writer.WriteStartObject();
        var attributes = new List<(AttributeDefinition Attribute, string Text)>();
        for (var i = 0; i < header.Length; i++)
        {
            var text = csv.GetString(i);
            if (text.Contains('\uFFFD'))
            {
                return Broken(line, FaultOf(header[i], FieldErrorCode.InvalidFormat, ("expected", s_decodable)));
            }

            if (text.Length == 0)
            {
                continue;
            }

            if (header[i].StartsWith(AttributePrefix, StringComparison.Ordinal))
            {
                attributes.Add((rules.Find(header[i][AttributePrefix.Length..])!, text));
            }
            else if (header[i] == RegisteredAt)
            {
                var time = times.Read(text);
                if (time.Code is { } code)
                {
                    return Broken(line, code == ErrorCode.TimeInFuture
                        ? FaultOf(RegisteredAt, FieldErrorCode.OutOfRange, ("min", Rfc3339.Earliest.ToString()), ("max", times.Latest.ToString()))
                        : FaultOf(RegisteredAt, FieldErrorCode.InvalidFormat, ("expected", s_time)));
                }

                writer.WriteString(RegisteredAt, time.Value.ToString());
            }
            else
            {
                Write(writer, header[i], text, header[i] == RealNameVerified ? AttributeType.Boolean : AttributeType.Text);
            }
        }

        if (attributes.Count > 0)
        {
            writer.WriteStartObject("attributes");
            attributes.ForEach(one => Write(writer, one.Attribute.Code, one.Text, one.Attribute.Type));
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.Flush();
        return new ImportedRow(line, json.WrittenMemory, null);
    }

    // What is none of its type stays text, and is refused as what it is.
    private static void Write(Utf8JsonWriter writer, string name, string text, AttributeType type)
    {
        switch (type)
        {
            case AttributeType.Number when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number):
                writer.WriteNumber(name, number);
                break;
            case AttributeType.Boolean when text is "true" or "false":
                writer.WriteBoolean(name, text == "true");
                break;
            case AttributeType.Text or AttributeType.Number or AttributeType.Boolean or AttributeType.Date or AttributeType.Choice:
                writer.WriteString(name, text);
                break;
            default:
                throw new Kernel.InvariantBrokenException($"Attributes of the type {type} are written.");
        }
    }

    private static ImportedRow Broken(int line, FieldError fault) => new(line, default, fault);

    private static FieldError FaultOf(string column, string code, params (string, object?)[] values) =>
        new(code, FieldOrigin.Body, column.Length == 0 ? "" : "/" + column.Replace('.', '/'), values);
}
