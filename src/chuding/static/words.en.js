window.chudingWords = {
"例如 电气、dq、PLC": "for example 电气, dq, PLC",
"专业": "Specialty",
"同名的还有“{paths}”，请看清您选的是哪一个。": "Also “{paths}”: please see which one you chose.",
"没有找到。请换一个说法，或者一级一级选。": "Nothing found. Try another word, or choose step by step.",
"找到 {count} 个专业": "{count} specialties found",
"请先选择一个 PDF 文件。": "Please choose a PDF file first.",
"这个文件是空的。请打开它看看内容，再重新选择。": "This file is empty. Please open it, look at what it holds, and choose again.",
"这个文件有 {size}，超过了 {limit}。请降低扫描分辨率后重新选择。": "This file has {size}, more than {limit}. Please scan at a lower resolution and choose again.",
"这不是 PDF 文件。请把它转成 PDF 后再选择。": "This is not a PDF file. Please turn it into a PDF and choose again.",
"已选择：{name}（{size}）": "Chosen: {name} ({size})",
"上传进度": "Upload progress",
"正在上传 {percent}%": "Uploading {percent}%",
"上传完成，正在检查文件…": "Uploaded. Checking the file…",
"网络断开了，文件没有传上去。请检查网络后再点一次“上传”。": "The connection broke and the file was not sent. Please check your network and press “Upload” again."
};
