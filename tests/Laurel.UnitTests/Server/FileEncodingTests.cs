using System.Text;
using Laurel.Server.Imports;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Server;

/// <summary>UTF-8 is told from GB18030, also where it is cut off or damaged.</summary>
public sealed class FileEncodingTests
{
    private const string Text = "externalId,nickname\r\n1,张三\r\n2,欧阳修远\r\n3,李四光\r\n4,王小明的朋友们\r\n";

    private static readonly Encoding s_gb18030 = CodePagesEncodingProvider.Instance.GetEncoding("gb18030")!;

    [Fact]
    public void IsUtf8_When_ItIsCutOffAnywhere()
    {
        var file = Encoding.UTF8.GetBytes(Text);
        for (var length = 0; length <= file.Length; length++)
        {
            FileEncoding.IsUtf8(file.AsSpan(0, length)).ShouldBeTrue($"{length} bytes");
        }
    }

    [Fact]
    public void IsUtf8_When_OneByteIsDamaged()
    {
        var whole = Encoding.UTF8.GetBytes(Text);
        for (var at = 0; at < whole.Length; at++)
        {
            var file = whole.ToArray();
            file[at] = 0xFF;
            FileEncoding.IsUtf8(file).ShouldBeTrue($"byte {at}");
        }

        FileEncoding.IsUtf8([.. Encoding.UTF8.Preamble, 0xFF, 0xFE, 0xFD]).ShouldBeTrue("it says so");
    }

    [Fact]
    public void IsGb18030_When_AChineseSpreadsheetHasWrittenIt()
    {
        FileEncoding.IsUtf8(s_gb18030.GetBytes(Text)).ShouldBeFalse();
        foreach (var name in (string[])["张三", "李四", "王小明", "欧阳娜娜", "赵敏", "刘德华", "陈", "诸葛孔明"])
        {
            FileEncoding.IsUtf8(s_gb18030.GetBytes($"externalId,nickname\n1,{name}\n")).ShouldBeFalse(name);
        }
    }
}
