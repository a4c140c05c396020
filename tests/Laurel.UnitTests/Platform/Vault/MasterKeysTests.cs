using System.Security.Cryptography;
using Laurel.Kernel;
using Laurel.Platform.Vault;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Platform.Vault;

public sealed class MasterKeysTests : IDisposable
{
    private static readonly string s_a = Convert.ToBase64String(Enumerable.Repeat((byte)1, 32).ToArray());
    private static readonly string s_b = Convert.ToBase64String(Enumerable.Repeat((byte)2, 32).ToArray());

    private readonly RandomNumberGenerator _random = RandomNumberGenerator.Create();
    private readonly string _data = Directory.CreateTempSubdirectory("laurel-keys-").FullName;

    public void Dispose()
    {
        Directory.Delete(_data, recursive: true);
        _random.Dispose();
    }

    [Fact]
    public void MakesAFileForItsOwnerAlone_When_StartedFirst()
    {
        MasterKeys.Load(_data, null, _random);

        var folder = Path.Combine(_data, "keys");
        Directory.GetFiles(folder).Select(Path.GetFileName).ShouldBe(["master.json"]);
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(Path.Combine(folder, "master.json"))
                .ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
            File.GetUnixFileMode(folder)
                .ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public void ReadsTheSameKeys_When_StartedAgain()
    {
        using var before = new PersonalDataVault(MasterKeys.Load(_data, null, _random), _random);
        before.CreateKey(new TenantId(1), new MemberId(7), out var wrapped).Dispose();

        using var after = new PersonalDataVault(MasterKeys.Load(_data, null, _random), _random);

        Should.NotThrow(() => after.OpenKey(new TenantId(1), new MemberId(7), wrapped).Dispose());
        after.BlindIndex(new TenantId(1), "phone", "1").ShouldBe(before.BlindIndex(new TenantId(1), "phone", "1"));
    }

    [Fact]
    public async Task AgreesOnOneFile_When_SeveralStartAtOnce()
    {
        using var together = new Barrier(8);
        var indexes = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(
            () =>
            {
                together.SignalAndWait(TestContext.Current.CancellationToken);
                using var vault = new PersonalDataVault(MasterKeys.Load(_data, null, _random), _random);
                return vault.BlindIndex(new TenantId(1), PersonalField.Phone, "13800138000");
            },
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));

        indexes.Distinct().ShouldHaveSingleItem();
        Directory.GetFiles(Path.Combine(_data, "keys")).Length.ShouldBe(1);
    }

    [Fact]
    public void ReadsNoFile_When_TheEnvironmentHasKeys()
    {
        var keys = MasterKeys.Load(_data, $"new:{s_b}, old:{s_a}, index:{s_a}", _random);

        keys.CurrentId.ShouldBe("new");
        Directory.GetFileSystemEntries(_data).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("a:nonsense,index:A")]
    [InlineData("a:A")]
    [InlineData("index:A")]
    [InlineData("a:A,a:B,index:A")]
    [InlineData("a:A,index:short")]
    [InlineData(":A,index:A")]
    [InlineData("has space:A,index:A")]
    [InlineData("123456789012345678901234567890123:A,index:A")]
    public void RefusesToStart_When_TheEnvironmentHolds(string pattern)
    {
        var text = pattern.Replace(":A", $":{s_a}").Replace(":B", $":{s_b}");

        var exception = Should.Throw<MasterKeysUnreadableException>(() => MasterKeys.Load(_data, text, _random));

        exception.Message.ShouldNotContain(s_a);
        exception.Message.ShouldNotContain("nonsense");
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"masterKeys\":[],\"indexKey\":\"A\"}")]
    [InlineData("{\"masterKeys\":[{\"id\":\"a\",\"key\":\"A\"}]}")]
    [InlineData("{\"masterKeys\":[{\"id\":\"a\",\"key\":\"secret\"}],\"indexKey\":\"A\"}")]
    [InlineData("{\"masterKeys\":[{\"id\":\"index\",\"key\":\"A\"}],\"indexKey\":\"A\"}")]
    [InlineData("{\"masterKeys\":[null],\"indexKey\":\"A\"}")]
    public void RefusesToStart_When_TheFileHolds(string pattern)
    {
        Directory.CreateDirectory(Path.Combine(_data, "keys"));
        File.WriteAllText(Path.Combine(_data, "keys", "master.json"), pattern.Replace("\"A\"", $"\"{s_a}\""));

        var exception = Should.Throw<MasterKeysUnreadableException>(() => MasterKeys.Load(_data, null, _random));

        exception.Message.ShouldNotContain(s_a);
        exception.Message.ShouldNotContain("secret");
    }
}
